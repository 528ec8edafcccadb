import { askChunk } from './ask.ts'
import { type Crew, follow, lead, type Work } from './crew.ts'
import { refineLane } from './lane.ts'
import type { ProblemRows } from './problem.ts'
import { improveRegion, listChunk, surveyRegion } from './region.ts'
import { createResidentSolver } from './resident.ts'
import { createDesk, createWorkplace, JOB, type Workplace } from './workplace.ts'

/** A workplace and the threads at it. */
export interface Team {
  readonly place: Workplace
  readonly crew: Crew
}

/** Who is asked for helpers: starts threads that call `help` with the workplace and their number. */
export type Recruit = (place: Workplace, threads: number) => void

/** This thread alone, or with the helpers that `recruit` calls in. */
export function gather(rows: ProblemRows, seed: number, lanes = 1, threads = 1, recruit?: Recruit): Team {
  const place = createWorkplace(rows, seed, threads, lanes)
  if (threads > 1) recruit?.(place, threads)
  return { place, crew: lead(place.board, createWork(place, 0)) }
}

/** What a helping thread does with its life: joins the crew as number `thread` until it is dismissed. */
export function help(place: Workplace, thread: number): void {
  follow(place.board, createWork(place, thread))
}

function createWork(place: Workplace, thread: number): Work {
  const solver = createResidentSolver(place.rows, place.seed, place.usable)
  const desk = createDesk(place)
  return (job, task) => {
    if (job === JOB.ask) askChunk(place, thread, solver, task)
    else if (job === JOB.list) listChunk(place, task)
    else if (job === JOB.survey) surveyRegion(place, desk, task)
    else if (job === JOB.improve) improveRegion(place, desk, task)
    else refineLane(place, task)
  }
}
