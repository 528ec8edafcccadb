/**
 * Asks what would have met the unmet needs of a synthetic town, and checks every answer by re-solving.
 *
 *   npx tsx scripts/bench-counterfactuals.ts [--needs 10000] [--rounds 40] [--seed 1] [--draw 1000]
 *
 * Prints how many needs have a smallest single change, how many none, how many could be met without one, and what an
 * answer costs in processor time; ends with 1 unless every answer holds.
 */
import { parseArgs } from 'node:util'
import { createCounterfactuals, createVerifier } from '../src/engine/counterfactual.ts'
import { optionCount } from '../src/engine/problem.ts'
import { solve } from '../src/engine/solve.ts'
import { drawSome } from './bench/draw-some.ts'
import { syntheticTown } from './bench/town.ts'

const { values } = parseArgs({
  options: {
    needs: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    draw: { type: 'string', default: '1000' },
  },
})
const seed = Number(values.seed)

const town = syntheticTown({ needs: Number(values.needs), seed })
const solution = solve(town, { rounds: Number(values.rounds), seed })
const unmet = Array.from(solution.choice.keys()).filter((need) => solution.choice[need]! < 0)
console.log(
  `${values.needs} needs, ${optionCount(town)} options, gap ${(solution.gap * 100).toFixed(2)} %, ${unmet.length} unmet`,
)

const prepared = cpuMs()
const counterfactual = createCounterfactuals(town, solution)
const preparing = cpuMs() - prepared
const needs = drawSome(unmet, Number(values.draw), seed)
const times: number[] = []
const answers = needs.map((need) => {
  const started = cpuMs()
  const answer = counterfactual(need)
  times.push(cpuMs() - started)
  return answer
})
const counts = new Map<string, number>()
for (const answer of answers) {
  const kind =
    answer.outcome === 'none' ? `none, ${answer.reason}` : `${answer.outcome}, ${answer.change.kind}`
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
}
for (const [kind, count] of [...counts].sort()) console.log(`${String(count).padStart(6)} ${kind}`)
const sum = times.reduce((a, b) => a + b, 0)
console.log(
  `preparing ${preparing.toFixed(0)} ms; each ${(sum / times.length).toFixed(2)} ms in the mean, ${((sum + preparing) / times.length).toFixed(2)} ms with its part of preparing, ${Math.max(...times).toFixed(1)} ms at most (processor time)`,
)

const verify = createVerifier(town, solution)
const failed = answers.filter((answer) => !verify(answer).holds)
console.log(`${answers.length - failed.length} of ${answers.length} answers hold when solved again`)
for (const answer of failed) console.log(JSON.stringify({ answer, verification: verify(answer) }))
process.exitCode = failed.length > 0 ? 1 : 0

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
