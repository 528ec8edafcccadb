import { z } from '@hono/zod-openapi'
import { AreaKind, Mobility } from '../communities/schemas.ts'
import { Category } from '../policies/schemas.ts'
import { Term } from './schemas.ts'

/** How far a service is: on foot by the policy's speed and detour, on foot along streets, or in a straight line. */
export const TravelKind = z.enum(['walking', 'routed', 'straight'])
export type TravelKind = z.infer<typeof TravelKind>

const Terms = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(Term).min(1).max(50))
  .openapi({ type: 'string', description: 'One term or several, with commas', example: 'day_care,meal' })

export const CoverageQuery = z
  .object({
    areaId: z.uuid().optional().openapi({ description: 'Only this area and its parts; else every area' }),
    kind: AreaKind.default('community').openapi({ description: 'The areas to tell the coverage of' }),
    category: Category.optional(),
    term: Terms.optional(),
    inactive: z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true')
      .openapi({ description: 'Count services that have ended or are withdrawn too' }),
    travel: TravelKind.default('walking'),
    mobility: Mobility.default('slow').openapi({ description: 'Who walks: sets the speed' }),
    minutes: z.coerce.number().min(1).max(240).optional().openapi({
      description: 'Longest walk; else the policy’s. With walking and routed',
    }),
    meters: z.coerce
      .number()
      .min(1)
      .max(100_000)
      .optional()
      .openapi({ description: 'Longest straight line. With straight' }),
  })
  .superRefine(({ travel, minutes, meters }, issues) => {
    const flaw = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message })
    if (travel === 'straight' && meters === undefined) flaw('meters', 'is missing')
    if (travel === 'straight' && minutes !== undefined) flaw('minutes', 'a straight line has meters')
    if (travel !== 'straight' && meters !== undefined) flaw('meters', 'a walk has minutes')
  })
export type CoverageQuery = z.infer<typeof CoverageQuery>

const CommunityCoverage = z.object({
  areaId: z.uuid(),
  code: z.string(),
  name: z.string(),
  age65up: z.number().int().nullable().openapi({ description: 'Residents aged 65 and over' }),
  nearest: z
    .object({
      meters: z.number().openapi({ description: 'In a straight line' }),
      minutes: z.number().nullable().openapi({ description: 'On foot; null where nobody asked' }),
    })
    .nullable()
    .openapi({ description: 'The nearest service; null where there is none, or no way to it' }),
  covered: z.boolean().nullable().openapi({ description: 'Null where nobody knows where the area is' }),
})

export const Coverage = z
  .object({
    travel: TravelKind,
    mobility: Mobility.nullable(),
    minutes: z.number().nullable(),
    meters: z.number().nullable(),
    metersPerSecond: z.number().nullable(),
    detourFactor: z.number().nullable(),
    places: z.number().int().openapi({ description: 'Places of the service that distances are measured to' }),
    placesLeftOut: z.number().int().openapi({
      description: 'Places that nobody knows the point of, or that must not be told',
    }),
    total: z.object({
      communities: z.number().int(),
      covered: z.number().int(),
      unknown: z.number().int().openapi({ description: 'Communities without a point or a population' }),
      age65up: z.number().int().openapi({ description: 'Residents aged 65 and over, unknown ones left out' }),
      age65upCovered: z.number().int(),
      share: z.number().nullable().openapi({
        description: 'Covered share of the residents aged 65 and over, 0 … 1; null where nobody is known',
        example: 0.907,
      }),
    }),
    communities: z.array(CommunityCoverage).openapi({ description: 'In order of their codes' }),
  })
  .openapi('Coverage')
export type Coverage = z.infer<typeof Coverage>
