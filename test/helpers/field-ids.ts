/** Ids of fields that no protocol has: those of messages that are made up for tests. */
export type MadeUpFieldId =
  | 'message'
  | `message.${'after' | 'body' | 'bytes' | 'kind' | 'name' | 'name.text' | 'number' | 'numbers' | 'opaque'}`
  | `message.${'rest' | 'text' | 'value' | 'nowhere'}`;

declare module '../../src/core/field.ts' {
  interface FieldIds {
    readonly madeUp: MadeUpFieldId;
  }
}
