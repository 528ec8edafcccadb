/** What the demo prints: coverage, budgets, proof, the comparison, explanations, and what to do next. */
import Table from 'cli-table3'
import { type RunResult, UnmetReason } from '../../features/matching/schemas.ts'
import type { RunRow } from '../../features/matching/start-run.ts'
import { Category, Tier } from '../../features/policies/schemas.ts'
import { IncomeClass } from '../../features/residents/schemas.ts'
import type { Context } from '../../platform/context.ts'
import { formatMoney } from '../../platform/money.ts'
import { type ExampleNeed, exampleNeeds } from './examples.ts'
import type { Scene } from './load-district.ts'
import { sourceReport } from './source-report.ts'

export interface ReportInput {
  scene: Scene
  run: RunRow
  /** Whether the data were there already. */
  found: boolean
  seconds: number
  /** Rounds asked for; a run that was found may have had others. */
  rounds: number
  keysFile: string
  quarantineFile: string | null
  json: boolean
}

/** Prints tables for people, or one JSON object on the last line. */
export async function printReport(ctx: Context, input: ReportInput): Promise<void> {
  const { run, scene, json, seconds } = input
  const result = run.result!
  if (json) {
    const { needs, offerings, options, matched, byTier, value, bound, gap } = result
    const { assignmentHash } = run
    const residents = scene.residents.length
    const fcfsValue = result.firstCome.value
    print(
      JSON.stringify({
        residents,
        needs,
        offerings,
        options,
        matched,
        byTier,
        value,
        bound,
        gap,
        fcfsValue,
        seconds,
        assignmentHash,
      }),
    )
    return
  }
  print(heading(input))
  print(coverage(result, ctx.currency))
  print(proof(result))
  const examples = await exampleNeeds(ctx, run)
  print(explained('match', 'matches', examples.matched))
  print(explained('unmet need', 'unmet needs', examples.unmet))
  print(sourceReport(scene.district, input.quarantineFile))
  print(next(input))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function heading({ scene, run, found, seconds, rounds }: ReportInput): string {
  const { residents, needs, offerings, options } = run.result!
  const again = found
    ? `Found its data of an earlier run again; nothing was imported twice.${otherRounds(run.rounds, rounds)}`
    : `Imported and matched in ${seconds.toFixed(1)} s.`
  return `
${scene.district.name}, ${run.period}. ${again}
${count(scene.residents.length)} residents drawn, ${count(residents)} of them with ${count(needs)} needs; ${count(offerings)} offerings; ${count(options)} possible pairings with a way to pay.`
}

function otherRounds(had: number, asked: number): string {
  return had === asked ? '' : ` It was matched then with --rounds ${had}, not ${asked}.`
}

function coverage(result: RunResult, currency: string): string {
  const { firstCome } = result
  const groups = table(['needs met', 'Lifecircle', 'first come, first served'])
  for (const tier of Tier.options)
    groups.push([tier, share(result.byTier[tier]), share(firstCome.byTier[tier])])
  for (const income of [...IncomeClass.options, 'unknown'] as const) {
    const met = result.byIncomeClass[income]
    if (met.needs > 0) groups.push([`income: ${income}`, share(met), share(firstCome.byIncomeClass[income])])
  }
  const { needs } = result
  groups.push(['all', share({ needs, met: result.matched }), share({ needs, met: firstCome.matched })])
  const categories = table(['category', 'needs met', 'capacity used'])
  for (const category of Category.options) {
    categories.push([category, share(result.byCategory[category]), used(result.capacity[category])])
  }
  const funds = table(['program', 'budget', 'used'])
  for (const fund of result.funds) funds.push([fund.name, formatMoney(fund.limit, currency), used(fund)])
  const reasons = table(['why needs are unmet', 'needs'])
  for (const reason of UnmetReason.options) {
    if (result.unmetReasons[reason]) reasons.push([reason, count(result.unmetReasons[reason])])
  }
  return ['', groups, categories, funds, reasons].map(String).join('\n')
}

/** The gap is a share of the bound; how much better another assignment could be is a share of the value. */
function proof({ value, bound, gap, firstCome, displaced }: RunResult): string {
  const above = (figure: number, base: number) => (base === 0 ? 0 : (figure / base - 1) * 100).toFixed(2)
  const quality =
    gap === 0
      ? 'It is optimal.'
      : `It is proved that no assignment is more than ${above(bound, value)} % better.`
  const lost = displaced > 0 ? ` ${displaced} matches no longer fitted when they were written.` : ''
  return `
Value ${count(value)}; proved upper bound ${count(bound)}; gap ${(gap * 100).toFixed(2)} %. ${quality}
First come, first served reaches ${count(firstCome.value)}: Lifecircle is ${above(value, firstCome.value)} % better.${lost}`
}

function explained(one: string, many: string, examples: ExampleNeed[]): string {
  if (examples.length === 0) return `\nNo ${one} to explain.`
  const number = ['', 'One', 'Two', 'Three'][examples.length]
  return [
    '',
    `${number} ${examples.length === 1 ? one : many}, explained`,
    ...examples.flatMap(({ who, sentences }) => [
      `  ${who}`,
      ...sentences.map((sentence) => `    ${sentence}`),
    ]),
  ].join('\n')
}

function next({ keysFile }: ReportInput): string {
  return `
Next: npm start, then http://127.0.0.1:8787/docs. Keys for a partner, a provider, two purchasers and a supervisor: ${keysFile}
(load them with: source ${keysFile})`
}

function table(head: string[]) {
  return new Table({ head, style: { head: [], border: [] } })
}

const count = (figure: number) => figure.toLocaleString('en-US')

function share({ needs, met }: { needs: number; met: number }): string {
  return needs === 0 ? '–' : `${count(met)} of ${count(needs)} (${((met / needs) * 100).toFixed(0)} %)`
}

function used(account: { limit: number; used: number } | undefined): string {
  return !account || account.limit === 0 ? '–' : `${((account.used / account.limit) * 100).toFixed(0)} %`
}
