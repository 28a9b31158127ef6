package io.github.dropfuse.testing;

import io.github.dropfuse.Mask;
import io.github.dropfuse.PhiloxState;
import io.github.dropfuse.Shard;
import io.github.dropfuse.Tensor;
import io.github.dropfuse.TorchGenerator;
import io.github.dropfuse.TorchStream;
import io.github.dropfuse.layer.Backends;
import io.github.dropfuse.layer.DropPath;
import io.github.dropfuse.layer.DropPathAdd;
import io.github.dropfuse.layer.Dropout;
import io.github.dropfuse.layer.Dropout2d;
import io.github.dropfuse.layer.DropoutAdd;
import io.github.dropfuse.layer.Execution;
import io.github.dropfuse.layer.GaussianNoise;
import io.github.dropfuse.layer.KeptSamples;
import io.github.dropfuse.layer.Masks;
import io.github.dropfuse.layer.Zoneout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.net.URL;
import java.nio.file.Path;

/**
 * Run in a process of its own: every function that takes heap arrays, with long rows, images and
 * columns; prints how much each does at most without a safepoint.
 */
public final class CriticalCallsMain {
    private static final PhiloxState STATE = new PhiloxState(1, 2);
    private static final int LONG = 1 << 21;

    private CriticalCallsMain() {}

    public static void main(String[] folders) throws Exception {
        URL[] urls = new URL[folders.length];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = Path.of(folders[i]).toUri().toURL();
        }
        DowncallsLoader loader = new DowncallsLoader(urls);
        Method use = loader.loadClass(CriticalCallsMain.class.getName()).getMethod("use");
        use.invoke(null);
    }

    /** Makes the calls, in the loader. */
    public static void use() {
        Execution best = Execution.automatic().on(Backends.require("native")).sequential();
        rows(best, 3, LONG);
        rows(best, 200, 1000);
        rows(best, LONG, 1);
        columns(best);
        masks(best);
        CriticalCalls.most().forEach((function, work) -> System.out.println(function + " " + work));
    }

    private static void rows(Execution on, int rows, int length) {
        Tensor x = Tensor.of(new float[rows * length], rows, length);
        Tensor vector = Tensor.of(new float[length], length);
        Dropout dropout = new Dropout(0.1).with(on);
        DropoutAdd add = new DropoutAdd(dropout);
        DropPath path = new DropPath(0.5).with(on);
        dropout.forward(x, x, STATE);
        dropout.forward(x, x, TorchGenerator.seeded(1).next(TorchStream.RAND));
        add.forward(x, vector, x, x, STATE);
        add.biasGradient(x, vector, STATE);
        new DropPathAdd(path).forward(x, vector, x, x, STATE);
        new DropPathAdd(path).gammaGradient(x, x, vector, STATE);
        new Zoneout(0.1).with(on).forward(x, x, x, STATE);
        new GaussianNoise(1).with(on).forward(x, x, STATE);
        Tensor image = x.reshape(1, rows, length, 1);
        new Dropout2d(0.1).with(on).forward(image, image, STATE);
        KeptSamples kept = KeptSamples.drawn(path, Math.min(rows, 200), STATE, 0);
        Tensor all = x.slice(0, Math.min(rows, 200));
        Tensor some = Tensor.of(new float[kept.count() * length], kept.count(), length);
        kept.gather(all, some);
        kept.scatterAdd(some, all);
    }

    /** One column of a million, so that each unit is in a tile of its own. */
    private static void columns(Execution on) {
        int rows = 1 << 19;
        Tensor x = Tensor.of(new float[rows], rows, 1);
        Tensor sum = Tensor.of(new float[1], 1);
        Shard column = Shard.of(new long[] {rows, 1_000_000}, 0, 3);
        Dropout dropout = new Dropout(0.1).with(on);
        dropout.forward(x, x, STATE, column);
        new DropoutAdd(dropout).forward(x, sum, x, x, STATE, column);
        new DropoutAdd(dropout).biasGradient(x, sum, STATE, column);
        new Zoneout(0.1).with(on).forward(x, x, x, STATE, column);
        new GaussianNoise(1).with(on).forward(x, x, STATE, column);
        dropout.mask(Arena.ofAuto(), x, STATE, column);
    }

    private static void masks(Execution on) {
        int bytes = 1 << 18;
        Mask mask = Mask.of(MemorySegment.ofArray(new byte[bytes]), 8L * bytes);
        Masks.draw(mask, 0.1, STATE, 0, on);
    }
}
