import { Refusal } from '../platform/errors.ts'

/** A file that cannot be read as what it should be: exit code 2, where other refusals give 1. */
export class BadInput extends Refusal {
  constructor(sentence: string) {
    super('invalid_input', sentence)
  }
}
