package io.github.dropfuse.bench.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dropfuse.djl.TorchOperator;
import org.junit.jupiter.api.Test;

class DjlByOperatorTest {
    private final WatchedSession session = new WatchedSession(Setting.Route.OPERATOR);

    @Test
    void takesItsRoute() {
        assertEquals(true, TorchOperator.isInstalled());
    }

    @Test
    void smallDropout() {
        session.assertRight(DjlDropout.small(session));
    }

    @Test
    void largeDropout() {
        session.assertRight(DjlDropout.large(session));
    }

    @Test
    void digits() {
        session.assertRight(DjlTraining.digits(session), 7);
    }

    @Test
    void mlp() {
        session.assertRight(DjlTraining.mlp(session), 2);
    }
}
