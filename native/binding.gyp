{
  "variables": {
    # 1 where gmp.h is installed; the gmp provider falls back to OpenSSL's bignum otherwise.
    "have_gmp%": "<!(node scripts/have-gmp.mjs)",
    "sanitize%": ""
  },
  "targets": [
    {
      "target_name": "cygnet",
      "sources": ["<!@(node scripts/sources.mjs)"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "addon"],
      # Without the swallowing, a method that is called while its worker is being terminated would end the process.
      "defines": ["NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_DISABLE_CPP_EXCEPTIONS"],
      "cflags_cc": ["-std=c++20", "-O3", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-deprecated-declarations", "-fvisibility=hidden"],
      "conditions": [
        ["have_gmp==1", { "defines": ["CYGNET_HAVE_GMP=1"], "libraries": ["-lgmp"] }],
        ["sanitize!=''", {
          "defines": ["CYGNET_SANITIZE=1"],
          # vptr needs RTTI, which Node's headers switch off; without -fno-sanitize-recover undefined behaviour would only be printed.
          "cflags_cc": ["-fsanitize=<(sanitize)", "-fno-sanitize=vptr", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g", "-O1"],
          "ldflags": ["-fsanitize=<(sanitize)"]
        }]
      ]
    }
  ]
}
