package plainjava;

import java.util.ArrayList;
import java.util.List;

/**
 * Numbers that remember how they came about, and find their gradients by the chain rule alone. Each
 * gradient is a sum over uses, from the last use to the first.
 */
final class Tape {
    private final List<Value> values = new ArrayList<>();

    static final class Value {
        final float value;
        float gradient;
        private final Runnable chainRule;

        private Value(float value, Runnable chainRule) {
            this.value = value;
            this.chainRule = chainRule;
        }
    }

    /** What a value passes on: its gradient is complete by then. */
    private interface Rule {
        void apply(float gradient);
    }

    private Value record(float value, Rule rule) {
        Value[] result = new Value[1];
        result[0] = new Value(value, () -> rule.apply(result[0].gradient));
        values.add(result[0]);
        return result[0];
    }

    Value constant(float value) {
        return record(value, gradient -> {});
    }

    Value sum(Value a, Value b) {
        return record(a.value + b.value, gradient -> {
            a.gradient += gradient;
            b.gradient += gradient;
        });
    }

    Value product(Value a, Value b) {
        return record(a.value * b.value, gradient -> {
            a.gradient += gradient * b.value;
            b.gradient += gradient * a.value;
        });
    }

    Value relu(Value a) {
        return a.value > 0 ? record(a.value, gradient -> a.gradient += gradient) : constant(0);
    }

    /** Goes through all values backwards, from gradients that the caller has set. */
    void backward() {
        for (Value value : values.reversed()) {
            value.chainRule.run();
        }
    }
}
