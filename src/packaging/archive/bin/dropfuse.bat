@echo off
rem Starts Dropfuse's command line with Java 25 or newer; ..\README.txt says what can be set.
setlocal DisableDelayedExpansion
rem Names are quoted, as a parenthesis in one, as of Program Files (x86), would end a block.
set "jar=%~dp0..\lib\dropfuse.jar"
if not exist "%jar%" (
    >&2 echo dropfuse: "%jar%" is not there, and belongs to bin\dropfuse.bat
    exit /b 2
)

if defined JAVA_HOME (
    set "java=%JAVA_HOME%\bin\java.exe"
) else (
    for %%j in (java.exe) do set "java=%%~$PATH:j"
)
if not defined java (
    >&2 echo dropfuse: there is no java on the PATH and no JAVA_HOME; needed is Java 25 or newer
    exit /b 2
)
if not exist "%java%" (
    >&2 echo dropfuse: JAVA_HOME is "%JAVA_HOME%", which has no bin\java.exe; needed is Java 25 or newer
    exit /b 2
)

rem JDKs have a file that tells the version; to ask Java is slow.
set "version="
for %%j in ("%java%") do set "release=%%~dpj..\release"
if exist "%release%" for /f "usebackq tokens=1,2 delims==" %%a in ("%release%") do (
    if "%%a"=="JAVA_VERSION" set "version=%%~b"
)
if not defined version for /f "tokens=2,3" %%u in ('call "%java%" -version 2^>^&1') do (
    if "%%u"=="version" if not defined version set "version=%%~v"
)
set "feature=0"
for /f "delims=.-+" %%f in ("%version%") do set "feature=%%f"
if %feature% lss 25 (
    >&2 echo dropfuse: "%java%" is Java %version%; needed is Java 25 or newer, by JAVA_HOME or on the PATH
    exit /b 2
)

"%java%" %DROPFUSE_OPTS% -jar "%jar%" %*
exit /b %errorlevel%
