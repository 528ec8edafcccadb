import { z } from '@hono/zod-openapi'

/** Where a service happens: at its location, at the resident's home, or by phone or video. */
export const Mode = z.enum(['onsite', 'home', 'remote'])
export type Mode = z.infer<typeof Mode>
