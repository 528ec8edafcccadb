/** Jobs that react to events: how a feature works on when something happens to its left. */
import { z } from 'zod'
import type { Happening, Reaction, Reactions } from '../context.ts'
import type { JobDefinition } from '../jobs/define-job.ts'
import { enqueueJob } from '../jobs/enqueue-job.ts'

/** The payload of a job that reacts to an event. */
export const HappeningPayload: z.ZodType<Happening> = z.object({
  eventId: z.uuid(),
  objectId: z.uuid(),
  data: z.record(z.string(), z.unknown()),
})

/** A job and the type of the events that set it off. */
export interface JobReaction {
  readonly type: string
  readonly job: JobDefinition<Happening>
}

/** The reactions of all features, as a context carries them. */
export function reactionsOf(declared: readonly JobReaction[]): Reactions {
  const byType = new Map<string, Reaction[]>()
  for (const { type, job } of declared) {
    const reactions = byType.get(type) ?? []
    reactions.push(async (ctx, event) => {
      await enqueueJob(ctx, job, event)
    })
    byType.set(type, reactions)
  }
  return byType
}
