import { z } from '@hono/zod-openapi'
import { PageQuery } from '../../platform/http/paging.ts'
import { Text } from '../../platform/text.ts'
import { SubjectKind, YesOrNo } from './schemas.ts'

export const FindingState = z.enum(['open', 'responded', 'corrected', 'verified', 'closed'])
export type FindingState = z.infer<typeof FindingState>

export const FindingSeverity = z.enum(['minor', 'major', 'critical'])

/** What a supervisor can find. */
const FindingCode = z.enum([
  'not_as_described',
  'price_unfounded',
  'not_delivered',
  'records_wrong',
  'staff_missing',
  'unsafe',
  'consent_breached',
  'conduct',
  'discrimination',
  'conflict_of_interest',
  'concentration',
  'capacity_misstated',
  'assurance_lapsed',
  'rules_breached',
  'other',
])

/** What comes of somebody trying what they may not do: the code of the refusal. */
const AttemptCode = z.enum(['duty_conflict', 'forbidden'])

/** Where a supervisor has it from; attempts are found by the system. */
const GivenSource = z.enum(['inspection', 'complaint', 'appeal', 'alert', 'observation'])
export const FindingSource = z.enum([...GivenSource.options, 'attempt'])

const DueBy = z.iso.datetime().nullable().default(null)
const Words = Text(4000)

export const OpenFinding = z
  .strictObject({
    subjectKind: SubjectKind.exclude(['finding', 'suspension']),
    subjectId: z.uuid(),
    respondentId: z
      .uuid()
      .openapi({ description: 'Organization that has to answer: one the subject concerns' }),
    source: GivenSource.default('observation'),
    sourceId: z
      .uuid()
      .nullable()
      .default(null)
      .openapi({ description: 'The inspection, complaint, appeal or alert; null for an observation' }),
    code: FindingCode,
    severity: FindingSeverity,
    text: Words,
    dueBy: DueBy.openapi({ description: 'Until when it must be corrected; null = no deadline' }),
  })
  .refine(({ source, sourceId }) => (source === 'observation') === (sourceId === null), {
    message: 'names the inspection, complaint, appeal or alert, and nothing for an observation',
    path: ['sourceId'],
  })
  .openapi('OpenFinding')
export type OpenFinding = z.input<typeof OpenFinding>

/** What the respondent says. */
export const AnswerFinding = z.strictObject({ text: Words }).openapi('AnswerFinding')
export type AnswerFinding = z.input<typeof AnswerFinding>

/** What the supervisor says to it. */
export const JudgeFinding = z.strictObject({ text: Words.nullable().default(null) }).openapi('JudgeFinding')
export type JudgeFinding = z.input<typeof JudgeFinding>

export const ReopenFinding = z.strictObject({ text: Words, dueBy: DueBy }).openapi('ReopenFinding')
export type ReopenFinding = z.input<typeof ReopenFinding>

export const Finding = z
  .object({
    id: z.uuid(),
    organizationId: z
      .uuid()
      .nullable()
      .openapi({ description: 'Supervising body; null = found by the system, for all of the area' }),
    respondentId: z.uuid().nullable(),
    areaId: z.uuid().nullable(),
    source: FindingSource,
    sourceId: z.uuid().nullable().openapi({ description: 'Of an attempt: the event that tells of it' }),
    subjectKind: SubjectKind,
    subjectId: z.uuid(),
    code: z.enum([...FindingCode.options, ...AttemptCode.options]),
    severity: FindingSeverity,
    text: z.string().nullable().openapi({ description: 'Null once a resident it was about is erased' }),
    state: FindingState,
    dueBy: z.iso.datetime().nullable(),
    overdue: z.boolean().openapi({ description: 'Due before now, and no appeal stays it' }),
    stayedAt: z.iso.datetime().nullable().openapi({ description: 'Since when an appeal stays its deadline' }),
    version: z.number().int().openapi({ description: 'Named in If-Match, in quotes, to go on' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('Finding')
export type Finding = z.infer<typeof Finding>

export const FindingDetail = Finding.extend({
  steps: z.array(
    z.object({
      step: z.enum(['open', 'respond', 'correct', 'verify', 'close', 'reopen']),
      text: z.string().nullable(),
      at: z.iso.datetime(),
    }),
  ),
}).openapi('FindingDetail')
export type FindingDetail = z.infer<typeof FindingDetail>

export const FindingsQuery = PageQuery.extend({
  state: FindingState.optional(),
  source: FindingSource.optional(),
  respondentId: z.uuid().optional(),
  subjectId: z.uuid().optional(),
  overdue: YesOrNo.optional().openapi({
    type: 'boolean',
    param: { description: 'Whether an answer is due before now and no appeal stays it' },
  }),
})
export type FindingsQuery = z.infer<typeof FindingsQuery>
