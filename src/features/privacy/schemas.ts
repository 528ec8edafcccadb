import { z } from '@hono/zod-openapi'

/** Rows whose personal facts are gone, by what they are. */
export const Erased = z.record(z.string(), z.number().int())
export type Erased = z.infer<typeof Erased>
