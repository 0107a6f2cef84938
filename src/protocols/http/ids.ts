/** Every field id that the HTTP readers record: the words that explanations, filters and tests share. */
export type HttpFieldId =
  | 'http.head'
  | 'http.message'
  | 'http.malformed'
  | 'http.opaque'
  | 'http.syntax'
  | 'http.request'
  | 'http.request.line'
  | 'http.request.method'
  | 'http.request.target'
  | 'http.request.form'
  | 'http.request.form.field'
  | 'http.request.form.name'
  | 'http.request.form.value'
  | 'http.response'
  | 'http.response.line'
  | 'http.response.status'
  | 'http.response.reason'
  | 'http.event'
  | 'http.event.line'
  | HttpPartId;

type HeaderId<Place extends 'header' | 'trailer'> = `${Place}` | `${Place}.name` | `${Place}.value`;

/** What requests and responses both have. */
type HttpPartId = `http.${'request' | 'response'}.${
  | 'version'
  | HeaderId<'header'>
  | HeaderId<'trailer'>
  | 'body'
  | 'body.data'
  | 'body.chunk'
  | 'body.chunk.size'
  | 'body.chunk.data'
  | 'opened_body'}`;

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly http: HttpFieldId;
  }
}
