import { z } from '@hono/zod-openapi'

/** Whether a run that is solved once more comes out as it did, by the hashes of what went in and out. */
export const ReplayReport = z
  .object({
    snapshotEqual: z.boolean().openapi({
      description:
        'The snapshot that was kept, the policy, the seed and the rounds are those that were solved',
    }),
    engineEqual: z.boolean().openapi({ description: 'Solved by the same version of the engine' }),
    assignmentEqual: z.boolean().openapi({ description: 'Every need got the same offering and payer' }),
    resultEqual: z
      .boolean()
      .openapi({ description: 'Choices, prices and figures are the same, byte for byte' }),
    erasedResidents: z.number().int().openapi({
      description:
        'Residents erased since: what they asked for is gone, and the run cannot be replayed whole',
    }),
  })
  .openapi('ReplayReport')
export type ReplayReport = z.infer<typeof ReplayReport>

export const WorkState = z.enum(['queued', 'running', 'finished', 'failed'])

export const Replay = z
  .object({
    id: z.uuid(),
    runId: z.uuid(),
    state: WorkState,
    report: z.union([ReplayReport, z.null()]),
    failure: z.string().nullable(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .openapi('Replay')
export type Replay = z.infer<typeof Replay>
