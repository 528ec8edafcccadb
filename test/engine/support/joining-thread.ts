/** A helping thread that says when it is there (`createRecruiter`). */
import { workerData } from 'node:worker_threads'
import { help } from '../../../src/engine/team.ts'
import type { Workplace } from '../../../src/engine/workplace.ts'

const { place, thread, joined } = workerData as { place: Workplace; thread: number; joined: Int32Array }
Atomics.add(joined, 0, 1)
Atomics.notify(joined, 0)
help(place, thread)
