import { performReplay } from './perform-replay.ts'
import { performRun } from './perform-run.ts'
import { performSimulation } from './perform-simulation.ts'

export const jobs = [performRun, performReplay, performSimulation] as const
