/** An explanation in plain English. The data say it all; this only words them. */
import { formatMoney } from '../../platform/money.ts'
import type { Explanation, UnmetReason } from './schemas.ts'

/** Names of what an explanation speaks of. */
export interface ExplanationNames {
  /** By offering id. */
  offerings: ReadonlyMap<string, string>
  /** By program id. */
  programs: ReadonlyMap<string, string>
  currency: string
}

const REASONS: Record<UnmetReason, string> = {
  consent_missing: 'a fact that matching needs was not consented to',
  data_incomplete: 'a fact that decides about eligibility or distance is not known',
  no_offering: 'nobody offers this kind of service here',
  out_of_reach: 'every offering of this kind is too far away',
  no_eligible_offering: 'no offering within reach is open to this resident',
  over_wallet: 'what the resident would have to pay is more than the wallet holds',
  fund_exhausted: 'the money that could pay a part of it is used up',
  no_capacity: 'no offering within reach has enough room',
  outranked: 'others whose need weighs more use all the room within reach',
  displaced: 'what was chosen for it was taken or closed while the run was computed',
}

/** One or two sentences: what was chosen and what came second, or why nothing was and what would have helped. */
export function explanationSentence(explanation: Explanation, names: ExplanationNames): string {
  return explanation.outcome === 'matched'
    ? matchedSentence(explanation, names)
    : unmetSentence(explanation, names)
}

function matchedSentence({ option, runnerUp, considered }: Explanation, names: ExplanationNames): string {
  const chosen = `Chosen out of ${considered} option${considered === 1 ? '' : 's'}: ${nameOf(option!, names)}, utility ${count(option!.utility)}.`
  return runnerUp
    ? `${chosen} Next best: ${nameOf(runnerUp, names)}, utility ${count(runnerUp.utility)}.`
    : chosen
}

function unmetSentence(explanation: Explanation, names: ExplanationNames): string {
  const { reason, considered } = explanation
  const why = `Not met: ${REASONS[reason!]} (${considered} option${considered === 1 ? '' : 's'} considered).`
  return reason === 'displaced' ? why : `${why} ${helpOf(explanation, names)}`
}

/** What would have met the need; said with less certainty where it was not verified. */
function helpOf({ option, change, verified }: Explanation, names: ExplanationNames): string {
  if (!change || !option) {
    return `No single change of one account would meet it${verified ? '' : ' as things stand'}.`
  }
  const name = nameOf(option, names)
  if (change.by === 0) return `It could have been met by ${name} as things were; the run did not find that.`
  const more = changeOf(change, names)
  if (verified) return `It would have been met with ${more} for ${name}.`
  return `As things stand, ${more} would make room for it at ${name}.`
}

function changeOf({ kind, by }: NonNullable<Explanation['change']>, { currency }: ExplanationNames): string {
  const money = formatMoney(by, currency)
  return {
    fund: `${money} more in the program’s fund`,
    wallet: `${money} more in the wallet`,
    subsidy_cap: `${money} more of subsidy per resident`,
    capacity: `${count(by)} more place${by === 1 ? '' : 's'}`,
    staff_time: `${count(by)} more minute${by === 1 ? '' : 's'} of staff time`,
  }[kind]
}

function nameOf(
  option: NonNullable<Explanation['option']>,
  { offerings, programs }: ExplanationNames,
): string {
  const offering = offerings.get(option.offeringId) ?? 'an offering'
  return option.programId ? `${offering} with ${programs.get(option.programId) ?? 'a program'}` : offering
}

const count = (number: number) => number.toLocaleString('en-US')
