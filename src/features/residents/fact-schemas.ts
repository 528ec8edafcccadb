/** What corrections of a resident and registrations by file take and tell. */
import { z } from '@hono/zod-openapi'
import { Text } from '../../platform/text.ts'
import { Languages } from '../catalog/schemas.ts'
import { Mobility } from '../communities/schemas.ts'
import { Assessments, BirthYear, HomePoint, ImportedResident, IncomeClass, Reference } from './schemas.ts'

export const CorrectResident = z
  .strictObject({
    reference: Reference.optional(),
    areaId: z
      .uuid()
      .optional()
      .openapi({ description: 'Not named with a new point = the area that holds it' }),
    point: HomePoint.optional(),
    birthYear: BirthYear.nullable().optional(),
    mobility: Mobility.nullable().optional(),
    assessments: Assessments.optional().openapi({ description: 'Replaced whole' }),
    incomeClass: IncomeClass.nullable().optional(),
    livesAlone: z.boolean().nullable().optional(),
    languages: Languages.optional().openapi({ description: 'Replaced whole' }),
  })
  .refine((corrections) => Object.keys(corrections).length > 0, 'names nothing to correct')
  .openapi('CorrectResident', {
    description: 'What is not named stays; null = not known any more',
    example: { birthYear: 1949 },
  })
export type CorrectResident = z.input<typeof CorrectResident>

/** A row of a file: a resident, whose area may be named by its code. */
export const BulkResident = ImportedResident.extend({
  areaCode: Text(100).nullable().default(null).openapi({ description: 'Official code of the area' }),
}).refine(({ areaId, areaCode }) => areaId === null || areaCode === null, {
  path: ['areaCode'],
  message: 'the area is named by its id already',
})
export type BulkResident = z.output<typeof BulkResident>

const Line = z
  .number()
  .int()
  .openapi({ description: 'Where the row begins in the file; the first line is 1' })

export const BulkOutcome = z
  .object({
    line: Line,
    outcome: z.enum(['registered', 'existing', 'refused']).openapi({
      description: 'Existing: the reference was known before, and the resident is left as it was',
    }),
    residentId: z.uuid().nullable().openapi({ description: 'Null where the row was refused' }),
    flaws: z
      .array(z.object({ pointer: z.string(), message: z.string() }))
      .openapi({ description: 'What was wrong with a refused row, with JSON pointers into the row' }),
  })
  .openapi('BulkOutcome')
export type BulkOutcome = z.infer<typeof BulkOutcome>

export const BulkReport = z
  .object({
    rows: z.number().int().openapi({ description: '= registered + existing + refused' }),
    registered: z.number().int(),
    existing: z.number().int(),
    refused: z.number().int(),
    outcomes: z.array(BulkOutcome).openapi({ description: 'One for every row, in the order of the file' }),
  })
  .openapi('BulkReport')
export type BulkReport = z.infer<typeof BulkReport>
