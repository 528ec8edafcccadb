import { performImportJob } from './perform-import.ts'

export const jobs = [performImportJob] as const
