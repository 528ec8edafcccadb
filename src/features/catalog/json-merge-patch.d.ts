/** The package brings no types. */
declare module 'json-merge-patch' {
  const mergePatch: {
    /** RFC 7386; changes neither argument. */
    apply(target: unknown, patch: unknown): unknown
  }
  export = mergePatch
}
