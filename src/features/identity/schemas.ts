import { z } from '@hono/zod-openapi'

export const Sector = z.enum(['government', 'ngo', 'market', 'joint'])
export type Sector = z.infer<typeof Sector>
