package io.github.dropfuse.kernel;

/**
 * Coefficients of {@link Normals}' polynomials. {@code COEFFICIENTS[k][b]} is that of the k-th
 * power for arguments whose exponent field, in the low 5 bits, is b. Fitted to the least greatest
 * error in float64 and rounded; the same numbers are in {@code normal_table.h}.
 */
final class NormalTable {
    static final float[][] COEFFICIENTS = {
        {
            0x1.265972p+2f, 0x1.1cff52p+2f, 0x1.135bc8p+2f, 0x1.0967fp+2f,
            0x1.fe3796p+1f, 0x1.e8dbf8p+1f, 0x1.d2a6ecp+1f, 0x1.bb7e12p+1f,
            0x1.a341a2p+1f, 0x1.89cadap+1f, 0x1.6ee9ecp+1f, 0x1.526338p+1f,
            0x1.33ebb4p+1f, 0x1.1324c8p+1f, 0x1.dfb8fap+0f, 0x1.a88332p+2f,
            0x1.a1ec3cp+2f, 0x1.9b3b7cp+2f, 0x1.946fbep+2f, 0x1.8d87b8p+2f,
            0x1.8682p+2f, 0x1.7f5d14p+2f, 0x1.78174ep+2f, 0x1.70aeep+2f,
            0x1.6921d4p+2f, 0x1.616ep+2f, 0x1.599106p+2f, 0x1.518846p+2f,
            0x1.4950d8p+2f, 0x1.40e78p+2f, 0x1.3848ap+2f, 0x1.2f7024p+2f,
        },
        {
            -0x1.894148p-2f, -0x1.9633e6p-3f, -0x1.a4797cp-4f, -0x1.b44ea8p-5f,
            -0x1.c60014p-6f, -0x1.d9f03ep-7f, -0x1.f0a004p-8f, -0x1.055dbap-8f,
            -0x1.1496fp-9f, -0x1.26a106p-10f, -0x1.3c6bfap-11f, -0x1.576144p-12f,
            -0x1.79b92cp-13f, -0x1.a71f44p-14f, -0x1.e81b26p-15f, -0x1.107e5cp+15f,
            -0x1.14cb56p+14f, -0x1.194d52p+13f, -0x1.1e08acp+12f, -0x1.23024p+11f,
            -0x1.283f88p+10f, -0x1.2dc6a8p+9f, -0x1.339e98p+8f, -0x1.39cf3ep+7f,
            -0x1.40619ep+6f, -0x1.476014p+5f, -0x1.4ed68ep+4f, -0x1.56d2e4p+3f,
            -0x1.5f6542p+2f, -0x1.68a0aap+1f, -0x1.729b9ep+0f, -0x1.7d7104p-1f,
        },
        {
            0x1.0b91aep-3f, 0x1.13e6ep-5f, 0x1.1d07c4p-7f, 0x1.2715b8p-9f,
            0x1.3239fp-11f, 0x1.3ea7dcp-13f, 0x1.4ca064p-15f, 0x1.5c7656p-17f,
            0x1.6e943ep-19f, 0x1.8383cp-21f, 0x1.9bf536p-23f, 0x1.b8c158p-25f,
            0x1.daccfap-27f, 0x1.013e32p-28f, 0x1.1a22dap-30f, 0x1.77aebep+30f,
            0x1.7d77f6p+28f, 0x1.83869cp+26f, 0x1.89e03ap+24f, 0x1.908afcp+22f,
            0x1.978dc6p+20f, 0x1.9ef054p+18f, 0x1.a6bb5cp+16f, 0x1.aef8b8p+14f,
            0x1.b7b396p+12f, 0x1.c0f8b8p+10f, 0x1.cad6b8p+8f, 0x1.d55e72p+6f,
            0x1.e0a368p+4f, 0x1.ecbc5ap+2f, 0x1.f9c3f6p+0f, 0x1.03ece4p-1f,
        },
        {
            -0x1.e7fc18p-6f, -0x1.f6f202p-9f, -0x1.03a7cp-11f, -0x1.0ca73p-14f,
            -0x1.169aeep-17f, -0x1.21af4p-20f, -0x1.2e1bd4p-23f, -0x1.3c2788p-26f,
            -0x1.4c2d7p-29f, -0x1.5ea3d4p-32f, -0x1.74251ap-35f, -0x1.8d7b1ep-38f,
            -0x1.abaef4p-41f, -0x1.d047b4p-44f, -0x1.050cd8p-46f, -0x1.57e20cp+45f,
            -0x1.5d239cp+42f, -0x1.62a3cp+39f, -0x1.686768p+36f, -0x1.6e7418p+33f,
            -0x1.74cff2p+30f, -0x1.7b81ep+27f, -0x1.82919ep+24f, -0x1.8a07eep+21f,
            -0x1.91eebep+18f, -0x1.9a515cp+15f, -0x1.a33cb8p+12f, -0x1.acbfb6p+9f,
            -0x1.b6eb8cp+6f, -0x1.c1d44p+3f, -0x1.cd914ap+0f, -0x1.da3e4ap-3f,
        },
        {
            0x1.f0ad1cp-9f, 0x1.ffca46p-13f, 0x1.0827ecp-16f, 0x1.113baap-20f,
            0x1.1b43b2p-24f, 0x1.266be6p-28f, 0x1.32eb6p-32f, 0x1.41081cp-36f,
            0x1.511bfap-40f, 0x1.639b7ep-44f, 0x1.791ec4p-48f, 0x1.926c2cp-52f,
            0x1.b081cap-56f, 0x1.d499a6p-60f, 0x1.08fb6p-63f, 0x1.5ea4d6p+59f,
            0x1.63fbc6p+55f, 0x1.69920ap+51f, 0x1.6f6c9cp+47f, 0x1.759108p+43f,
            0x1.7c0582p+39f, 0x1.82d0f8p+35f, 0x1.89fb36p+31f, 0x1.918d0ap+27f,
            0x1.99906cp+23f, 0x1.a210bap+19f, 0x1.ab1aeep+15f, 0x1.b4bdf4p+11f,
            0x1.bf0b0ep+7f, 0x1.ca1648p+3f, 0x1.d5f718p-1f, 0x1.e2c91ep-5f,
        },
        {
            -0x1.ab1c2cp-13f, -0x1.b80ceep-18f, -0x1.c630ep-23f, -0x1.d5b8c8p-28f,
            -0x1.e6e09p-33f, -0x1.f9f28ap-38f, -0x1.07a5f8p-42f, -0x1.13b18cp-47f,
            -0x1.2167e2p-52f, -0x1.312b58p-57f, -0x1.437c48p-62f, -0x1.590262p-67f,
            -0x1.729744p-72f, -0x1.918baap-77f, -0x1.d746e2p-82f, -0x1.2dda34p+72f,
            -0x1.32705ap+67f, -0x1.373cc6p+62f, -0x1.3c43bap+57f, -0x1.4189f4p+52f,
            -0x1.4714cp+47f, -0x1.4cea08p+42f, -0x1.531078p+37f, -0x1.598f92p+32f,
            -0x1.606fdcp+27f, -0x1.67bb04p+22f, -0x1.6f7c1cp+17f, -0x1.77bfep+12f,
            -0x1.809502p+7f, -0x1.8a0c96p+2f, -0x1.943a94p-3f, -0x1.9f367cp-8f,
        },
    };

    private NormalTable() {}
}
