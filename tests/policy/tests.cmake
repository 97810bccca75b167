privet_test(policy_test PURE
  LIBRARIES privet_policy
  SOURCES
    policy/decision_test.cc
    policy/fold_case_test.cc
    policy/list_file_test.cc
    policy/list_test.cc
    policy/pattern_test.cc
    policy/network_test.cc
    policy/policy_test.cc
    policy/route_reader_test.cc
    policy/schema_test.cc
    policy/split_test.cc
    policy/tenant_file_test.cc
    policy/view_reader_test.cc
    policy/view_test.cc
    policy/yaml_test.cc
)
