import { z } from '@hono/zod-openapi'

export const Category = z.enum(['elderly_care', 'medical', 'cultural', 'life_care'])
export type Category = z.infer<typeof Category>

/** Levels of need: guaranteed, affordable, individual. */
export const Tier = z.enum(['basic', 'inclusive', 'personalized'])
export type Tier = z.infer<typeof Tier>
