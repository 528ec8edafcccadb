import { and, eq, inArray } from 'drizzle-orm'
import { type Context, query } from '../../platform/context.ts'
import { found } from '../../platform/errors.ts'
import { offerings, services } from '../catalog/tables.ts'
import { programs } from '../programs/tables.ts'
import { type ExplanationNames, explanationSentence } from './explanation-sentence.ts'
import { getRun } from './get-run.ts'
import type { Explanation, RunNeed, UnmetReason } from './schemas.ts'
import { runNeeds } from './tables.ts'

/** Why a need of a run was met or not. @throws Refusal `not_found` for a need that was not in the run. */
export async function explainRunNeed(ctx: Context, runId: string, needId: string): Promise<RunNeed> {
  await getRun(ctx, runId)
  const [row] = await query(ctx)
    .select()
    .from(runNeeds)
    .where(and(eq(runNeeds.runId, runId), eq(runNeeds.needId, needId)))
  const { reason, explanation } = found(row, 'need in this run')
  const names = await namesIn(ctx, [explanation])
  return {
    needId,
    reason: reason as UnmetReason | null,
    explanation,
    sentence: explanationSentence(explanation, names),
  }
}

/** The names of the offerings and programs that explanations speak of. */
export async function namesIn(ctx: Context, explanations: readonly Explanation[]): Promise<ExplanationNames> {
  const options = explanations
    .flatMap(({ option, runnerUp }) => [option, runnerUp])
    .filter((option) => option !== null)
  const offeringIds = [...new Set(options.map(({ offeringId }) => offeringId))]
  const programIds = [...new Set(options.flatMap(({ programId }) => programId ?? []))]
  const named = await query(ctx)
    .select({ id: offerings.id, name: services.name })
    .from(offerings)
    .innerJoin(services, eq(services.id, offerings.serviceId))
    .where(inArray(offerings.id, offeringIds))
  const paying = await query(ctx)
    .select({ id: programs.id, name: programs.name })
    .from(programs)
    .where(inArray(programs.id, programIds))
  return {
    offerings: new Map(named.map(({ id, name }) => [id, name])),
    programs: new Map(paying.map(({ id, name }) => [id, name])),
    currency: ctx.currency,
  }
}
