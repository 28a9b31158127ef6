package io.github.dropfuse.testing;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.net.URL;
import java.net.URLClassLoader;

/** Loads the library's classes once more, with {@link CriticalCalls} between Java and C. */
final class DowncallsLoader extends URLClassLoader {
    private static final String DOWNCALLS = "io.github.dropfuse.kernel.Downcalls";
    private static final String HANDLE = MethodHandle.class.descriptorString();

    DowncallsLoader(URL[] urls) {
        super(urls, ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (!name.equals(DOWNCALLS)) {
            return super.findClass(name);
        }
        try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
            ClassFile file = ClassFile.of();
            byte[] changed =
                    file.transformClass(
                            file.parse(in.readAllBytes()),
                            ClassTransform.transformingMethodBodies(
                                    method -> method.methodName().equalsString("of"),
                                    DowncallsLoader::watch));
            return defineClass(name, changed, 0, changed.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private static void watch(CodeBuilder code, CodeElement element) {
        if (element instanceof ReturnInstruction) {
            code.invokestatic(
                    ClassDesc.of(CriticalCalls.class.getName()),
                    "watch",
                    MethodTypeDesc.ofDescriptor("(" + HANDLE + ")" + HANDLE));
        }
        code.with(element);
    }
}
