/** Words a kubelet's metrics in the text format of Prometheus. */

interface KubeletMetrics {
  readonly node: string;
  /** How many pods are reported as running. */
  readonly running: number;
  /** Of the client certificate, in milliseconds; negative when it has ended. */
  readonly lifetime: number;
  /** Client certificates after the first. */
  readonly renewals: number;
}

export function metricsText({ node, running, lifetime, renewals }: KubeletMetrics): string {
  return [
    '# HELP kubelet_node_name The node’s name. The count is always 1.',
    '# TYPE kubelet_node_name gauge',
    `kubelet_node_name{node=${JSON.stringify(node)}} 1`,
    '# HELP kubelet_running_pods Number of pods that are said to run.',
    '# TYPE kubelet_running_pods gauge',
    `kubelet_running_pods ${running}`,
    '# HELP kubelet_certificate_manager_client_ttl_seconds Seconds until the client certificate ends; negative when it has.',
    '# TYPE kubelet_certificate_manager_client_ttl_seconds gauge',
    `kubelet_certificate_manager_client_ttl_seconds ${Math.round(lifetime / 1000)}`,
    '# HELP kubelet_certificate_manager_client_renewals_total Client certificates after the first.',
    '# TYPE kubelet_certificate_manager_client_renewals_total counter',
    `kubelet_certificate_manager_client_renewals_total ${renewals}`,
    '',
  ].join('\n');
}
