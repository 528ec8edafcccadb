/** A helping thread of `crew.test.ts`. */
import { workerData } from 'node:worker_threads'
import { follow } from '../../../src/engine/crew.ts'
import { type CrewTrial, trialWork } from './crew-trial.ts'

const { trial, thread } = workerData as { trial: CrewTrial; thread: number }
follow(trial.board, trialWork(trial, thread))
