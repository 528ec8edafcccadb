/** What the demo prints: coverage, budgets, proof, the comparison, explanations, and what to do next. */
import Table from 'cli-table3'
import type { RunResult } from '../../features/matching/schemas.ts'
import type { RunRow } from '../../features/matching/start-run.ts'
import type { Context } from '../../platform/context.ts'
import { formatMoney } from '../../platform/money.ts'
import { type ExampleNeed, exampleNeeds } from './examples.ts'
import type { Scene } from './load-district.ts'

export interface ReportInput {
  scene: Scene
  run: RunRow
  /** Whether the data were there already. */
  found: boolean
  seconds: number
  keysFile: string
  json: boolean
}

/** Prints tables for people, or one JSON object on the last line. */
export async function printReport(ctx: Context, input: ReportInput): Promise<void> {
  const { run, scene, json, seconds } = input
  const result = run.result!
  if (json) {
    const { residents, needs, offerings, options, matched, byTier, value, bound, gap } = result
    const { assignmentHash } = run
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
  print(sources(scene))
  print(coverage(result, ctx.currency))
  print(proof(result))
  const examples = await exampleNeeds(ctx, run, scene)
  print(explained('Three matches, explained', examples.matched))
  print(explained('Three unmet needs, explained', examples.unmet))
  print(next(input))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function heading({ scene: { district }, run, found, seconds }: ReportInput): string {
  const { residents, needs, offerings, options } = run.result!
  const again = found
    ? 'Found its data of an earlier run again; nothing was imported twice.'
    : `Imported and matched in ${seconds.toFixed(1)} s.`
  return `
${district.name}, ${run.period}. ${again}
${count(residents)} residents with ${count(needs)} needs; ${count(offerings)} offerings; ${count(options)} possible pairings with a way to pay.`
}

function sources({ district }: Scene): string {
  const total = district.offerings.length
  const published = (what: 'capacity' | 'price') =>
    district.offerings.filter(({ origin }) => origin[what] === 'published').length
  const rows = district.files.reduce(
    (sum, file) => ({
      rows: sum.rows + file.rows,
      imported: sum.imported + file.imported,
      merged: sum.merged + file.merged,
      refused: sum.refused + file.refused,
      outOfScope: sum.outOfScope + file.outOfScope,
    }),
    { rows: 0, imported: 0, merged: 0, refused: 0, outOfScope: 0 },
  )
  const flagged = district.quarantine.filter(({ outcome }) => outcome === 'kept').length
  return [
    '',
    `Source: ${district.source}. ${district.attribution}`,
    ...(district.files.length > 0
      ? [
          `${district.files.length} files: ${count(rows.rows)} rows = ${count(rows.imported)} imported + ${count(rows.merged)} merged + ${count(rows.refused)} refused + ${count(rows.outOfScope)} elsewhere; ${count(flagged)} flags on rows that were kept.`,
          ...district.quarantine
            .slice(0, 5)
            .map(({ file, line, reason, outcome }) => `  ${outcome}: ${file}:${line}: ${reason}`),
          ...(district.quarantine.length > 5
            ? [`  … and ${count(district.quarantine.length - 5)} more`]
            : []),
        ]
      : []),
    `Published figures: ${count(published('capacity'))} of ${count(total)} capacities, ${count(published('price'))} of ${count(total)} prices. Assumed:`,
    ...district.assumptions.map((sentence) => `  - ${sentence}`),
  ].join('\n')
}

function coverage(result: RunResult, currency: string): string {
  const groups = table(['needs met', 'Lifecircle', 'first come, first served'])
  const firstCome = result.firstCome
  for (const [tier, met] of Object.entries(result.byTier)) {
    groups.push([tier, share(met), share(firstCome.byTier[tier as keyof typeof firstCome.byTier])])
  }
  for (const [group, met] of Object.entries(result.byIncomeClass)) {
    if (met.needs === 0) continue
    groups.push([
      `income: ${group}`,
      share(met),
      share(firstCome.byIncomeClass[group as keyof typeof firstCome.byIncomeClass]),
    ])
  }
  groups.push([
    'all',
    share({ needs: result.needs, met: result.matched }),
    share({ needs: result.needs, met: firstCome.matched }),
  ])
  const categories = table(['category', 'needs met', 'capacity used'])
  for (const [category, met] of Object.entries(result.byCategory)) {
    const capacity = result.capacity[category as keyof typeof result.capacity]
    categories.push([category, share(met), capacity ? used(capacity) : '–'])
  }
  const funds = table(['program', 'budget', 'used'])
  for (const { name, limit, used: amount } of result.funds)
    funds.push([name, formatMoney(limit, currency), used({ limit, used: amount })])
  return ['', groups.toString(), categories.toString(), funds.toString()].join('\n')
}

function proof({ value, bound, gap, firstCome, displaced }: RunResult): string {
  const gain = firstCome.value === 0 ? 0 : (value / firstCome.value - 1) * 100
  const quality =
    gap === 0
      ? 'It is optimal.'
      : `No assignment can be more than ${(gap * 100).toFixed(2)} % better: that is proved, not estimated.`
  return `
Value ${count(value)}; proved upper bound ${count(bound)}; gap ${(gap * 100).toFixed(2)} %. ${quality}
First come, first served reaches ${count(firstCome.value)}: Lifecircle is ${gain.toFixed(1)} % better.${displaced > 0 ? ` ${displaced} matches no longer fitted when they were written.` : ''}`
}

function explained(title: string, examples: ExampleNeed[]): string {
  return [
    '',
    title,
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

function used(account: { limit: number; used: number }): string {
  return account.limit === 0 ? '–' : `${((account.used / account.limit) * 100).toFixed(0)} %`
}
