/**
 * Raised with every change after which the same problem, seed and rounds may come out otherwise: who replays a run then
 * knows why it does not come out as it did.
 */
export const ENGINE_VERSION = 1
