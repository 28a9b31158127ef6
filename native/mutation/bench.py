"""Builds mutants and runs the tests on them, in a copy of the project that is built once."""

import filecmp
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
from pathlib import Path

LIBRARY = "dropfuse"
TIER_OF_NAME = re.compile(r"_(scalar|avx2|avx512|neon)\b")

# Tests that can notice a change, where most can't: survivors need not wait for the others.
OF_DRAWS = ("open_units", "vectors", "draw", "drop", "shards")
RELEVANT = (
    (re.compile(r"draw_|philox_|second_draws"), OF_DRAWS),
    (re.compile(r"philox\.h|tier_scalar"), OF_DRAWS + ("normal", "values", "forms")),
    (re.compile(r"cuda/.*\.cuh"), ("device_draw",)),
    (re.compile(r"check\.c"), ("errors", "form_errors", "ranges", "memory", "sequence")),
    (re.compile(r"loop\.[ch]|window\.[ch]"),
     ("vectors", "draw", "memory", "forms", "drop", "shards")),
    (re.compile(r"bits\.h|job\.c"),
     ("layout_units", "vectors", "draw", "ranges", "errors", "memory", "forms", "drop", "sequence",
      "blocks")),
    (re.compile(r"fused\.h"), ("fused",)),
    (re.compile(r"blocks\.c"), ("blocks", "errors")),
    (re.compile(r"rows\.c"), ("rows", "errors")),
)


class Toolchain:
    """How the project is configured, and how its tests are started."""

    def __init__(self, name, configure=(), launcher=(), environment=None):
        self.name = name
        self.configure = list(configure)
        self.launcher = list(launcher)
        self.environment = environment or {}


def _used():
    """The processor's seconds of all programs so far that were started here."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _run(command, directory, environment=None):
    return subprocess.run(command, cwd=directory, env=environment,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


class Bench:
    """One copy of the project. Mutants are made in it one after the other."""

    def __init__(self, directory, toolchain):
        self.directory = Path(directory)
        self.toolchain = toolchain
        self.build = self.directory / "build"
        self.changed = set()  # objects that are not the unchanged code's
        self.linked = set()  # and those that have been linked as such, at some time
        self.last = {}  # by file, the test that noticed a mutant last

    @classmethod
    def build_new(cls, root, directory, toolchain, jobs):
        """Copies the project, builds it, and runs its tests once."""
        bench = cls(directory, toolchain)
        bench._copy_project(Path(root))
        subprocess.run(["cmake", "-G", "Unix Makefiles", "-S", bench.directory, "-B", bench.build,
                        "-DDROPFUSE_CUDA=OFF", *toolchain.configure],
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["cmake", "--build", bench.build, "--parallel", str(jobs)], check=True,
                       stdout=subprocess.DEVNULL)
        bench._read_commands()
        shutil.rmtree(bench.keep)  # objects of an earlier run, perhaps of other code
        bench.keep.mkdir()
        bench._time_tests()
        return bench

    def _copy_project(self, root):
        """Leaves alone what is the same already, so that little is built where all was."""
        for part in ("CMakeLists.txt", "native", "src/test/resources/vectors"):
            source = root / part
            for path in [source] if source.is_file() else source.rglob("*"):
                target = self.directory / path.relative_to(root)
                if path.is_dir() or (target.exists() and
                                     filecmp.cmp(path, target, shallow=False)):
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)

    def copy_to(self, directory):
        """Another bench with what this one has built."""
        other = Bench(directory, self.toolchain)
        shutil.rmtree(other.directory, ignore_errors=True)
        shutil.copytree(self.directory, other.directory, symlinks=True)
        old, new = str(self.directory), str(other.directory)
        for path in [other.build / "compile_commands.json", *other.build.rglob("link.txt")]:
            path.write_text(path.read_text().replace(old, new))
        other.seconds, other.tiers = self.seconds, self.tiers
        other.depends = {Path(str(o).replace(old, new)): d for o, d in self.depends.items()}
        other._read_commands()
        return other

    def _read_commands(self):
        self.commands = {}
        for entry in json.loads((self.build / "compile_commands.json").read_text()):
            command = shlex.split(entry["command"])
            target = Path(entry["directory"]) / command[command.index("-o") + 1]
            self.commands[target] = (command, Path(entry["directory"]))
        if not hasattr(self, "depends"):
            self.depends = {target: self._dependencies(*self.commands[target])
                            for target in self.commands}
        self.keep = self.directory / "unchanged"
        self.keep.mkdir(exist_ok=True)

    def _dependencies(self, command, directory):
        command = list(command)
        at = command.index("-o")
        del command[at:at + 2]
        out = subprocess.run(command + ["-MM"], cwd=directory, check=True, capture_output=True,
                             text=True).stdout
        files = out.replace("\\\n", " ").split()[1:]
        inside = str(self.directory.resolve())
        return {os.path.relpath(os.path.realpath(directory / f), inside) for f in files
                if os.path.realpath(directory / f).startswith(inside)}

    def _test_program(self, name):
        return self.build / "native" / "test" / f"test_{name}"

    def _time_tests(self):
        self.seconds, self.tiers = {}, set()
        programs = sorted((self.build / "native" / "test").glob("test_*"))
        for program in (p for p in programs if os.access(p, os.X_OK) and p.is_file()):
            begun = _used()
            result = subprocess.run(self.toolchain.launcher + [str(program)], capture_output=True,
                                    text=True, env={**os.environ, **self.toolchain.environment})
            if result.returncode:
                raise SystemExit(f"{program.name} fails without any mutant:\n{result.stderr}")
            self.seconds[program.name[5:]] = _used() - begun
            self.tiers.update(result.stdout.rsplit("tiers:", 1)[-1].split())

    def uses(self, file):
        """Objects that a file is compiled into."""
        return [target for target, files in self.depends.items() if file in files]

    def _compile(self, target):
        command, directory = self.commands[target]
        return _run(command + ["-w"], directory) == 0  # a warning is no reason to refuse a mutant

    def _kept(self, target):
        return self.keep / str(target.relative_to(self.build)).replace("/", "+")

    def _restore(self):
        for target in self.changed:
            shutil.copy2(self._kept(target), target)
        self.changed.clear()

    def _link(self, targets):
        """Links what has one of these objects. Tests find the library where it is."""
        programs = set()
        for target in targets:
            parts = target.relative_to(self.build).parts
            name = parts[parts.index("CMakeFiles") + 1][:-len(".dir")]
            directory = self.build / Path(*parts[:parts.index("CMakeFiles")])
            if name.startswith("test_"):
                programs.add((directory, name))
            elif name.startswith("dropfuse_harness"):
                continue
            else:
                programs.add((self.build / "native" / "src", LIBRARY))
        for directory, name in programs:
            script = directory / "CMakeFiles" / f"{name}.dir" / "link.txt"
            for line in script.read_text().splitlines():
                if _run(shlex.split(line), directory):
                    return False
        return True

    def _tests(self, file):
        names = next((tests for pattern, tests in RELEVANT if pattern.search(file)), None)
        some = [n for n in (names or self.seconds) if n in self.seconds and n != "cpu"]
        some.sort(key=lambda n: (n != self.last.get(file), self.seconds[n]))
        return some

    def _failing_test(self, file, tier):
        library = next(self.build.glob("lib/*/libdropfuse.so")).parent
        environment = {**os.environ, **self.toolchain.environment,
                       "LD_LIBRARY_PATH": str(library)}
        if tier:
            environment["DROPFUSE_TEST_TIER"] = tier
        for test in self._tests(file):
            command = self.toolchain.launcher + [str(self._test_program(test))]
            # A mutant that does not end, or is this much slower, is noticed by that.
            limit = ["sh", "-c", 'ulimit -t "$0" && exec "$@"', str(int(1.5 + 3 * self.seconds[test]))]
            if _run(limit + command, self.directory, environment):
                self.last[file] = test
                return test
        return None

    def best_tier(self):
        return next(t for t in ("avx512", "avx2", "neon", "scalar") if t in self.tiers)

    def _tier(self, target):
        found = TIER_OF_NAME.search(target.name)
        return found.group(1) if found else self.best_tier()

    def can_run(self, target):
        return self._tier(target) in self.tiers

    def try_mutant(self, mutant):
        """Gives "killed", "survived", "same object" or "not compiled", and by which test."""
        path = self.directory / mutant.file
        source = path.read_text()
        targets = [t for t in self.uses(mutant.file) if self.can_run(t)]
        # Tests that include a header themselves are compiled soonest, tiers take longest.
        targets.sort(key=lambda t: (not t.name.startswith("test_"), t.name.startswith("tier_"),
                                    t.name))
        for target in targets:
            if not self._kept(target).exists():
                shutil.copy2(target, self._kept(target))
        self._restore()
        path.write_text(mutant.apply(source))
        try:
            differs = False
            for target in targets:
                self.changed.add(target)
                if not self._compile(target):
                    return "not compiled", None
                if filecmp.cmp(target, self._kept(target), shallow=False):
                    continue
                differs = True
                self.linked.add(target)
                if not self._link(self.linked):
                    return "not compiled", None
                test = self._failing_test(mutant.file, self._tier(target))
                if test:
                    return "killed", test
            return ("survived" if differs else "same object"), None
        finally:
            path.write_text(source)
