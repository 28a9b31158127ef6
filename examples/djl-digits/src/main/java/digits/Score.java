package digits;

/** How well a network does on some images: its mean cross entropy, and the share that is right. */
record Score(float loss, float accuracy) {}
