import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'
import { SubjectKind } from './schemas.ts'

export const GrievanceKind = z.enum(['complaint', 'appeal'])
export type GrievanceKind = z.infer<typeof GrievanceKind>

export const GrievanceState = z.enum(['received', 'upheld', 'dismissed', 'withdrawn'])
export type GrievanceState = z.infer<typeof GrievanceState>

const GrievanceReason = z.enum([
  'quality',
  'conduct',
  'not_delivered',
  'price',
  'eligibility',
  'wrong_facts',
  'procedure',
  'discrimination',
  'conflict_of_interest',
  'disproportionate',
  'other',
])

const SubjectId = z.uuid().openapi({ description: 'Something that the organization is a party of' })
const reason = GrievanceReason
const text = Text(4000).openapi({
  description: 'In the words of whoever files it; the other parties do not read them',
})

export const FileComplaint = z
  .strictObject({ subjectKind: SubjectKind, subjectId: SubjectId, reason, text })
  .openapi('FileComplaint')
export type FileComplaint = z.input<typeof FileComplaint>

export const FileAppeal = z
  .strictObject({
    subjectKind: SubjectKind.extract([
      'match',
      'need',
      'referral',
      'delivery',
      'settlement',
      'finding',
      'suspension',
    ]).openapi({ description: 'What was decided on; its deadlines are stayed until the appeal is decided' }),
    subjectId: SubjectId,
    reason,
    text,
  })
  .openapi('FileAppeal')
export type FileAppeal = z.input<typeof FileAppeal>

export const DecideGrievance = z
  .strictObject({
    state: GrievanceState.extract(['upheld', 'dismissed']),
    decision: Text(4000).openapi({ description: 'Why; whoever filed it reads it' }),
  })
  .openapi('DecideGrievance')
export type DecideGrievance = z.input<typeof DecideGrievance>

export const Grievance = z
  .object({
    id: z.uuid(),
    kind: GrievanceKind,
    organizationId: z.uuid().openapi({ description: 'Who filed it' }),
    residentId: z
      .uuid()
      .nullable()
      .openapi({ description: 'In whose name; null for everybody but the resident’s own app' }),
    subjectKind: SubjectKind,
    subjectId: z.uuid(),
    reason: GrievanceReason,
    text: z.string().nullable().openapi({ description: 'Null once the resident is erased' }),
    state: GrievanceState,
    decision: z.string().nullable(),
    decidedAt: z.iso.datetime().nullable(),
    version: z
      .number()
      .int()
      .openapi({ description: 'Named in If-Match, in quotes, to decide or withdraw it' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('Grievance')
export type Grievance = z.infer<typeof Grievance>

export const GrievancesQuery = PageQuery.extend({
  kind: GrievanceKind.optional(),
  state: GrievanceState.optional(),
  subjectId: z.uuid().optional(),
})
export type GrievancesQuery = z.infer<typeof GrievancesQuery>
