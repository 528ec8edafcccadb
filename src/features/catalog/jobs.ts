import { lapseAssuranceJob } from './lapse-assurance.ts'

export const jobs = [lapseAssuranceJob] as const
