package io.github.dropfuse.bench.endtoend;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Measures in this process. Contenders take turns, A B C, B C A, …, so that each round has a sample
 * of all of them that are neighbours in time, and ratios can be taken round by round. JMH measures
 * one contender after another, which is why it is not used here.
 */
public final class Measurement {
    private final Setting setting;
    private final List<Series> all = new ArrayList<>();

    private Measurement(Setting setting) {
        this.setting = setting;
    }

    /**
     * Measures one setting and prints its {@link Series} as the last line.
     *
     * @param arguments of {@link Setting#arguments}
     * @throws IOException if the series cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Measurement measurement = new Measurement(Setting.of(arguments));
        measurement.run();
        System.out.println(JSON.std.asString(measurement.all));
    }

    private void run() {
        switch (setting.route()) {
            case MULTIPLICATION, OPERATOR -> {
                DjlSession session = new DjlSession(setting);
                measure(DjlDropout.small(session));
                measure(DjlDropout.large(session));
                measure(DjlTraining.digits(session));
                measure(DjlTraining.mlp(session));
            }
            case DROPOUT -> {
                Dl4jTraining.start(setting.threads());
                measure(Dl4jDropout.large(Dl4jDrops::of));
                measure(Dl4jTraining.digits(Dl4jDrops::of));
                measure(Dl4jTraining.mlp(Dl4jDrops::of));
            }
        }
    }

    private void measure(Task task) {
        try (task) {
            List<Contender> contenders = task.contenders();
            Pace pace = setting.once() ? Pace.ONCE : task.pace();
            Map<Contender, Series> series = new EnumMap<>(Contender.class);
            for (Contender contender : contenders) {
                series.put(contender, series(task, contender, pace));
            }
            for (int round = -pace.warmUps(); round < pace.rounds(); round++) {
                for (int turn = 0; turn < contenders.size(); turn++) {
                    Contender contender =
                            contenders.get(Math.floorMod(round + turn, contenders.size()));
                    long cpu = ProcessClock.nanos();
                    long wall = System.nanoTime();
                    for (int call = 0; call < pace.calls(); call++) {
                        task.call(contender);
                    }
                    double wallNanos = (double) (System.nanoTime() - wall) / pace.calls();
                    double cpuNanos = (double) (ProcessClock.nanos() - cpu) / pace.calls();
                    if (round >= 0) {
                        series.get(contender).wall()[round] = wallNanos;
                        series.get(contender).cpu()[round] = cpuNanos;
                    }
                }
            }
            all.addAll(series.values());
        }
    }

    private Series series(Task task, Contender contender, Pace pace) {
        return new Series(
                setting.route().framework(),
                setting.route().name(),
                setting.memory().name(),
                setting.threads(),
                task.name(),
                contender,
                pace.calls(),
                new double[pace.rounds()],
                new double[pace.rounds()]);
    }
}
