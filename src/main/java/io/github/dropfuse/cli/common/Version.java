package io.github.dropfuse.cli.common;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version as the build wrote it into the jar's manifest, or into the module's descriptor. */
public final class Version implements IVersionProvider {
    public static String text() {
        Class<?> type = Version.class;
        return Optional.ofNullable(type.getPackage().getImplementationVersion())
                .or(
                        () ->
                                Optional.ofNullable(type.getModule().getDescriptor())
                                        .flatMap(descriptor -> descriptor.rawVersion()))
                .orElse("unpackaged");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"dropfuse " + text()};
    }
}
