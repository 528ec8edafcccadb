import { z } from '@hono/zod-openapi'

export const Category = z.enum(['elderly_care', 'medical', 'cultural', 'life_care'])
export type Category = z.infer<typeof Category>

/** Levels of need: guaranteed, affordable, individual. */
export const Tier = z.enum(['basic', 'inclusive', 'personalized'])
export type Tier = z.infer<typeof Tier>

/** Where a service happens: at its location, at the resident's home, or by phone or video. */
export const Mode = z.enum(['onsite', 'home', 'remote'])
export type Mode = z.infer<typeof Mode>

export const Sector = z.enum(['government', 'ngo', 'market', 'joint'])
export type Sector = z.infer<typeof Sector>
