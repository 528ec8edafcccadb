import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Period } from '../../platform/period.ts'

export const AlertKind = z.enum([
  'self_dealing',
  'deliveries_too_fast',
  'price_outlier',
  'no_shows',
  'disputes_upheld',
  'concentration',
  'lapsed_assurance',
  'capacity_never_used',
])
export type AlertKind = z.infer<typeof AlertKind>

/** How much an alert says for an inspection: what points to money taken wrongly most, what may be neglect least. */
export const WEIGHTS: Record<AlertKind, number> = {
  self_dealing: 5,
  deliveries_too_fast: 4,
  price_outlier: 3,
  no_shows: 3,
  disputes_upheld: 3,
  concentration: 2,
  lapsed_assurance: 2,
  capacity_never_used: 1,
}

const Figures = z.record(z.string(), z.number())

export const Alert = z
  .object({
    id: z.uuid().openapi({ description: 'The same for the same kind, subject and month' }),
    kind: AlertKind,
    period: z.string(),
    subjectKind: z.enum(['offering', 'organization', 'program']),
    subjectId: z.uuid(),
    offeringId: z.uuid().nullable(),
    providerId: z.uuid().nullable(),
    programId: z.uuid().nullable(),
    figures: Figures.openapi({
      description: 'What was found; amounts in minor units',
      example: { price: 15000 },
    }),
    threshold: Figures.openapi({ description: 'What it was held against' }),
    sentence: z.string(),
    weight: z
      .number()
      .openapi({ description: 'What it adds to the risk of an offering when inspections are drawn' }),
  })
  .openapi('Alert')
export type Alert = z.infer<typeof Alert>

export const AlertsQuery = PageQuery.extend({
  kind: AlertKind.optional(),
  areaId: z
    .uuid()
    .optional()
    .openapi({ param: { description: 'An area and all in it' } }),
  period: Period.optional().openapi({ param: { description: 'The month; the present one by default' } }),
})
export type AlertsQuery = z.infer<typeof AlertsQuery>
