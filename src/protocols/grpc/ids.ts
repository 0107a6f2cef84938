/** Every field id that the reader of gRPC records: the words that explanations, filters and tests share. */
import type { ExplainedGrpcId } from './texts.ts';

/** Lengths of what has no field of its own around it. */
type LengthId = 'protobuf.field.length' | 'grpc.length';

export type GrpcFieldId = ExplainedGrpcId | LengthId;

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly grpc: GrpcFieldId;
  }
}
