package io.github.dropfuse.cuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test that needs a CUDA device, whichever driver provides it. Without one it is skipped with the
 * driver's reason, unless the property {@code dropfuse.test.cuda} is {@code required}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(CudaTest.Condition.class)
public @interface CudaTest {
    /** Asks the driver. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            boolean required = "required".equals(System.getProperty("dropfuse.test.cuda"));
            return Cuda.unavailable()
                    .filter(why -> !required)
                    .map(ConditionEvaluationResult::disabled)
                    .orElseGet(() -> ConditionEvaluationResult.enabled("there is a device"));
        }
    }
}
