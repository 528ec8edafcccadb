import { z } from '@hono/zod-openapi'

/** What supervision can be about. */
export const SubjectKind = z.enum([
  'organization',
  'offering',
  'program',
  'policy',
  'run',
  'match',
  'need',
  'referral',
  'delivery',
  'settlement',
  'finding',
  'suspension',
])
export type SubjectKind = z.infer<typeof SubjectKind>

/** `true` and `false` as a parameter of an address. */
export const YesOrNo = z.enum(['true', 'false']).transform((word) => word === 'true')
