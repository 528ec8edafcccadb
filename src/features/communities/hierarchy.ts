/** The order of the tree: an area lies in one of a larger kind; kinds between them may be left out. */
import { AreaKind } from './schemas.ts'

/** Whether an area of `kind` may lie in one of `parentKind`. */
export function liesWithin(kind: AreaKind, parentKind: AreaKind): boolean {
  return AreaKind.options.indexOf(parentKind) < AreaKind.options.indexOf(kind)
}
