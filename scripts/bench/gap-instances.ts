/** Generalized assignment instances in OR-Library's format, read as minimization: every item needs an agent. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createProblemBuilder, type Problem } from '../../src/engine/problem.ts'

export interface GapInstance {
  name: string
  problem: Problem
  items: number
  /** Utility = perItem − cost, with perItem so large that leaving an item out never pays. */
  perItem: number
  /** Known optimal cost. */
  optimum: number
}

/** The instances of a directory, with their optima from its best-known.csv. */
export function readGapInstances(directory: string): GapInstance[] {
  const optima = readOptima(join(directory, 'best-known.csv'))
  const folder = join(directory, 'cattrysse1994')
  return readdirSync(folder)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => toInstance(name, readFileSync(join(folder, name), 'utf8'), optima.get(name)!))
}

function readOptima(path: string): Map<string, number> {
  const [head, ...rows] = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(','))
  const [file, optimum] = [head!.indexOf('Path'), head!.indexOf('Optimum')]
  return new Map(rows.map((row) => [row[file]!.split('/').at(-1)!, Number(row[optimum])]))
}

function toInstance(name: string, text: string, optimum: number): GapInstance {
  const figures = text.trim().split(/\s+/).map(Number)
  const [agents, items] = figures as [number, number]
  const cost = (agent: number, item: number) => figures[2 + agent * items + item]!
  const weight = (agent: number, item: number) => figures[2 + (agents + agent) * items + item]!
  const perItem = items * Math.max(...figures.slice(2, 2 + agents * items))
  const builder = createProblemBuilder()
  for (let agent = 0; agent < agents; agent++) {
    builder.account(`agent ${agent}`, figures[2 + 2 * agents * items + agent]!)
  }
  for (let item = 0; item < items; item++) {
    builder.resident(`item ${item}`)
    builder.need(`item ${item}`)
    for (let agent = 0; agent < agents; agent++) {
      builder.option(`agent ${agent}`, perItem - cost(agent, item), [[agent, weight(agent, item)]], [])
    }
  }
  return { name, problem: builder.build(), items, perItem, optimum }
}
