/** An explanation in plain words. The data say it all; this only words them. */
import { formatMoney } from '../../platform/money.ts'
import { RULE_WORDS, type RuleLanguage } from '../policies/rule-words.ts'
import { EXPLANATION_WORDS, type ExplanationWords } from './explanation-words.ts'
import type { Explanation } from './schemas.ts'

/** Names of what an explanation speaks of. */
export interface ExplanationNames {
  /** By offering id. */
  offerings: ReadonlyMap<string, string>
  /** By program id. */
  programs: ReadonlyMap<string, string>
  currency: string
  /** Ids of offerings whose way must not be told (`withheldWays`); none by default. */
  withheld?: ReadonlySet<string>
}

/** One or two sentences: what was chosen and what came second, or why nothing was and what would have helped. */
export function explanationSentence(
  explanation: Explanation,
  names: ExplanationNames,
  language: RuleLanguage = 'en',
): string {
  const said: Said = { explanation, names, language, words: EXPLANATION_WORDS[language] }
  return SENTENCES[explanation.outcome](said).join(said.words.space)
}

interface Said {
  explanation: Explanation
  names: ExplanationNames
  language: RuleLanguage
  words: ExplanationWords
}

const SENTENCES: Record<Explanation['outcome'], (said: Said) => string[]> = {
  matched(said) {
    const { explanation, words } = said
    const { option, runnerUp, considered } = explanation
    const chosen = words.chosen(considered, nameOf(said, option!), worthOf(said, option!))
    return runnerUp ? [chosen, words.runnerUp(nameOf(said, runnerUp), worthOf(said, runnerUp))] : [chosen]
  },
  booked: (said) => {
    const { option } = said.explanation
    return [said.words.booked(nameOf(said, option!), worthOf(said, option!))]
  },
  backfilled: (said) => {
    const { option } = said.explanation
    return [said.words.backfilled(nameOf(said, option!), worthOf(said, option!))]
  },
  unmet(said) {
    const { explanation, words } = said
    const why = words.unmet(words.reasons[explanation.reason!], explanation.considered)
    return explanation.reason === 'displaced' ? [why] : [why, helpOf(said)]
  },
  waiting(said) {
    const { explanation, words } = said
    const { option, considered, reason } = explanation
    if (reason === null) return [words.waiting(considered, nameOf(said, option!), worthOf(said, option!))]
    const why = words.waitingInVain(words.reasons[reason])
    if (!option || !explanation.change) return [why]
    return [why, words.wouldMakeOption(changeOf(said, explanation.change, option), nameOf(said, option))]
  },
}

/** What would have met the need; said with less certainty where it was not verified. */
function helpOf(said: Said): string {
  const { option, change, verified } = said.explanation
  const { words } = said
  if (!change || !option) return verified ? words.noChange : words.noChangeAsThingsStand
  const name = nameOf(said, option)
  if (change.by === 0) return words.couldHave(name)
  const more = changeOf(said, change, option)
  return verified ? words.wouldHave(more, name) : words.wouldMakeRoom(more, name)
}

const MONEY: ReadonlySet<string> = new Set(['fund', 'wallet', 'subsidy_cap'])

function changeOf(
  { words, names, language }: Said,
  { kind, by, fact }: NonNullable<Explanation['change']>,
  { offeringId }: NonNullable<Explanation['option']>,
): string {
  const amount = by === null ? '' : MONEY.has(kind) ? formatMoney(by, names.currency) : count(by)
  const named = fact === null ? '' : (words.facts[fact] ?? RULE_WORDS[language].facts[fact as never] ?? fact)
  const isWithheld = kind === 'reach' && by !== null && (names.withheld?.has(offeringId) ?? false)
  return words.changes[kind]({ amount, isOne: by === 1, fact: named, isWithheld })
}

function nameOf({ names, words }: Said, option: NonNullable<Explanation['option']>): string {
  const offering = names.offerings.get(option.offeringId) ?? words.anOffering
  if (!option.programId) return offering
  return words.offeringWithProgram(offering, names.programs.get(option.programId) ?? words.aProgram)
}

/** The walk is a part of what an option is worth, and the other parts are known. */
function worthOf({ names, words }: Said, option: NonNullable<Explanation['option']>): string {
  const { offeringId, utility } = option
  return utility === null || names.withheld?.has(offeringId) ? '' : words.worth(count(utility))
}

const count = (number: number) => number.toLocaleString('en-US')
