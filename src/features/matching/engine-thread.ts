/** A helping thread of the engine (`recruitThreads`). */
import { workerData } from 'node:worker_threads'
import { help } from '../../engine/team.ts'
import type { HelpRequest } from './recruit-threads.ts'

const { place, thread } = workerData as HelpRequest
help(place, thread)
