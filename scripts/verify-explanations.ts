/**
 * Makes the change that an explanation names, and solves again: the need must be met, and with one unit less it must
 * not. Draws unmet needs of the demo's run.
 *
 *   npx tsx scripts/verify-explanations.ts [--draw 1000] [--residents 5000] [--rounds 40] [--from ../shared/data/taipei-ltc]
 *
 * The change is made in the snapshot; options are looked for again, and the need with up to eleven neighbors is solved
 * to the optimum by HiGHS, everybody else keeping what they have. Ends with 1 unless every answer holds.
 */
import { parseArgs } from 'node:util'
import { assignmentOf } from '../src/engine/assignment.ts'
import { createCounterfactuals, NEIGHBORHOOD } from '../src/engine/counterfactual.ts'
import { createNeighborhoods } from '../src/engine/neighborhoods.ts'
import { rowsOf } from '../src/engine/problem.ts'
import { solve } from '../src/engine/solve.ts'
import { buildProblem } from '../src/features/matching/build-problem.ts'
import { changeOf, createAnswers } from '../src/features/matching/explain-needs.ts'
import { demoSnapshot } from './bench/demo-snapshot.ts'
import { drawSome } from './bench/draw-some.ts'
import { createNeighborWorld, type NeighborWorld } from './bench/neighbor-world.ts'

const { values } = parseArgs({
  options: {
    draw: { type: 'string', default: '1000' },
    residents: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string' },
  },
})
const seed = Number(values.seed)

const snapshot = await demoSnapshot({ residents: Number(values.residents), from: values.from })
const built = buildProblem(snapshot)
const solution = solve(rowsOf(built.problem), { rounds: Number(values.rounds), seed })
const unmet = [...solution.choice.keys()].filter((need) => solution.choice[need]! < 0)
console.log(
  `${built.needs.length} needs, ${built.options.length} options, gap ${(solution.gap * 100).toFixed(2)} %, ${unmet.length} unmet`,
)

const drawn = drawSome(unmet, Number(values.draw), seed)
const answerFor = createAnswers(
  snapshot,
  built,
  {
    choice: solution.choice,
    counterfactualsIn: (problem, choice) => createCounterfactuals(rowsOf(problem), { ...solution, choice }),
  },
  new Set(unmet),
)
const world = await createNeighborWorld(snapshot, built, solution.choice)
let neighborhoods: ReturnType<typeof createNeighborhoods> | undefined
const counts = new Map<string, number>()
let failed = 0
for (const need of drawn) {
  const verdict = verdictOn(need, world)
  counts.set(verdict.kind, (counts.get(verdict.kind) ?? 0) + 1)
  if (verdict.holds) continue
  failed++
  console.log(JSON.stringify({ needId: built.needs[need]!.need.id, ...verdict }))
}
for (const [kind, count] of [...counts].sort()) console.log(`${String(count).padStart(6)} ${kind}`)
console.log(`${drawn.length - failed} of ${drawn.length} answers hold when the change is made`)
process.exitCode = failed > 0 ? 1 : 0

interface Verdict {
  kind: string
  holds: boolean
  detail?: object
}

function verdictOn(need: number, { meets }: NeighborWorld): Verdict {
  const { counterfactual, widened } = answerFor(need)
  if (counterfactual.outcome === 'none') return { kind: 'no single change', holds: true }
  const change = changeOf(widened, built.needs[need]!, counterfactual.change)
  const missed = widened.options[counterfactual.option]!
  const members = membersOf(need, widened, counterfactual)
  const kind = counterfactual.outcome === 'unneeded' ? 'met without a change' : change.kind
  const ask = (by: number | null) => meets(members, change, missed, by)
  if (counterfactual.outcome === 'unneeded') return { kind, holds: ask(null) }
  const [enough, tooLittle] = [ask(change.by ?? 1), ask(change.by === null ? null : change.by - 1)]
  return { kind, holds: enough && !tooLittle, detail: { change, enough, tooLittle, members: members.length } }
}

type Answered = ReturnType<typeof answerFor>

/** Those whom the answer allowed to move. */
function membersOf(
  need: number,
  { problem }: Answered['widened'],
  { change, size }: Extract<Answered['counterfactual'], { change: unknown }>,
): number[] {
  neighborhoods ??= (() => {
    const rows = rowsOf(problem)
    const choice = solution.choice.map((chosen, at) =>
      chosen < 0 ? -1 : chosen + problem.needOptions[at]! - built.problem.needOptions[at]!,
    )
    return createNeighborhoods(rows, { ...solution, choice }, assignmentOf(rows, choice))
  })()
  const members = new Int32Array(NEIGHBORHOOD)
  const count = neighborhoods.gather(need, change, size, members)
  return [...members.subarray(0, count)]
}
