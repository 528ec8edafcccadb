import { performRun } from './perform-run.ts'

export const jobs = [performRun] as const
