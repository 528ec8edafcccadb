import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Period } from '../../platform/period.ts'
import { Text } from '../../platform/text.ts'

export const InspectionDraw = z.enum(['risk', 'lot', 'chosen'])
export const InspectionState = z.enum(['planned', 'passed', 'failed', 'not_possible'])

const Many = z.number().int().min(0).max(1000)
const Seed = z.number().int().min(0).max(2_147_483_647)

export const PlanInspections = z
  .strictObject({
    areaId: z.uuid(),
    period: Period.openapi({ description: 'The month whose alerts make the risk' }),
    byRisk: Many.openapi({ description: 'How many for their risk; fewer where fewer have any', example: 5 }),
    byLot: Many.openapi({ description: 'How many by lot among the others', example: 5 }),
    seed: Seed.openapi({ description: 'Of the lottery; who knows it can draw again and gets the same' }),
  })
  .refine(({ byRisk, byLot }) => byRisk + byLot > 0, { message: 'somebody must be drawn', path: ['byLot'] })
  .openapi('PlanInspections')
export type PlanInspections = z.input<typeof PlanInspections>

export const BeginInspection = z.strictObject({ offeringId: z.uuid() }).openapi('BeginInspection')
export type BeginInspection = z.input<typeof BeginInspection>

export const ConcludeInspection = z
  .strictObject({
    state: InspectionState.exclude(['planned']),
    note: Text(4000).openapi({ description: 'What was seen' }),
  })
  .openapi('ConcludeInspection')
export type ConcludeInspection = z.input<typeof ConcludeInspection>

export const Inspection = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    planId: z.uuid().nullable().openapi({ description: 'Null where it was chosen by hand' }),
    offeringId: z.uuid(),
    draw: InspectionDraw,
    risk: z.number().openapi({ description: 'Weight of the alerts about it when it was drawn' }),
    state: InspectionState,
    note: z.string().nullable(),
    inspectedAt: z.iso.datetime().nullable(),
    version: z.number().int().openapi({ description: 'Named in If-Match, in quotes, to conclude it' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('Inspection')
export type Inspection = z.infer<typeof Inspection>

export const InspectionPlan = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    areaId: z.uuid(),
    period: z.string(),
    seed: z.number().int(),
    byRisk: z.number().int(),
    byLot: z.number().int(),
    population: z.number().int().openapi({ description: 'Offerings there were to draw from' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('InspectionPlan')
export type InspectionPlan = z.infer<typeof InspectionPlan>

export const InspectionPlanDetail = InspectionPlan.extend({
  frame: z
    .array(z.object({ offeringId: z.uuid(), risk: z.number() }))
    .openapi({ description: 'What was drawn from, in order of id: with the seed, anybody can draw again' }),
  inspections: z.array(Inspection).openapi({ description: 'In the order in which they were drawn' }),
}).openapi('InspectionPlanDetail')
export type InspectionPlanDetail = z.infer<typeof InspectionPlanDetail>

export const InspectionsQuery = PageQuery.extend({
  state: InspectionState.optional(),
  planId: z.uuid().optional(),
  offeringId: z.uuid().optional(),
})
export type InspectionsQuery = z.infer<typeof InspectionsQuery>
